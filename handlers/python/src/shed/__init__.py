"""Code that the four functions of the shed share."""
