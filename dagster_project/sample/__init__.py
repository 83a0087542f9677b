"""The sample department: a synthetic world, the exports it leaves behind, and its known truth."""
