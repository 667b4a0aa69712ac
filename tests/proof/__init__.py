"""`make proof`: the promises of reliability, many rounds of each, named by a seed, to be repeated and resumed."""
