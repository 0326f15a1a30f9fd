"""An Azure DevOps Services that runs on this machine and answers like the real one."""
