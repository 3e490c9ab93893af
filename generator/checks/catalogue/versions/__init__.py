"""SG7xx: versions, how traffic moves to a new one, how a project is deployed, and the way back."""
