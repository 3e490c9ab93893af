"""SG6xx: what an API hands on, to whom it answers, and what it says when it fails."""
