"""The demo archive: invented boards, and how each Asagi writer would have stored them."""
