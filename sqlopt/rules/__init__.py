"""The rule machinery: `Rule`, `Finding`, pack loading, the one shared traversal, suppression, baseline."""
