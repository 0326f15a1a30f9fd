class AppTest { }
