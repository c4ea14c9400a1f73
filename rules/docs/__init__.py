"""The catalogue: the page of each rule, generated from the rule itself."""
