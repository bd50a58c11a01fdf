"""The window, and the processes behind it: started, watched and stopped in order."""
