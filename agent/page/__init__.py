"""The page that `auld open` shows: everybody at a glance, without a server and without a script."""
