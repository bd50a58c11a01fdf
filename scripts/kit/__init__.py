"""How a kit is made: wheels by hash -> conda packages -> local channel -> environment -> packed tree -> archive."""
