"""Who may do what, where not everybody may do everything (`ELSEWHERE_ACCESS=keys`)."""
