"""An independent reckoning of the law of time, in plain Python.

It shares nothing with the models: no SQL, no seed, no function of the product. Each function names the article
it follows, and the histories it judges are read as plain rows. Where it and the warehouse disagree, one is wrong.
"""
