"""A rendered project merged into what a user made of it: three ways, by meaning where files have one."""
