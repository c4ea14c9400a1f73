"""The catalog: the page of each rule, generated from the rule itself."""
