"""The world of the sample through the reorganisation of 1 July 2025.

The other modules of the sample know the units of the time before: they make the whole span as if those had
gone on. This package then ends them, brings the new ones, and hands over everything that goes on.
"""
