"""The built-in narrator and illustrator: seeded, repeatable, no network, no key."""
