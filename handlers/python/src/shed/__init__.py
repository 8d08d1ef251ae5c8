"""What the four functions of the shed have in common."""
