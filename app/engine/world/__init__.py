"""The simulated world beneath the story: packs, facts, conditions, effects, agents, prose."""
