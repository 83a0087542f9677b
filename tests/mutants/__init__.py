"""Mutation run over the rule models: does a case notice when a rule is wrong?"""
