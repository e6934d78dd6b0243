"""A course as a static site: notebooks with live labs, guides, a reference, all of it offline."""

from seglab.site._site import need, site
from seglab.site.addresses import Addresses

__all__ = ["Addresses", "need", "site"]
