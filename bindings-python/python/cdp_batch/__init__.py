"""Upload guests and orders to Sitecore CDP: fast, resumable, every refused record explained."""

from cdp_batch._native import __version__

__all__ = ["__version__"]
