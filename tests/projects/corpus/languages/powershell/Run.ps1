<#
.SYNOPSIS
Runs.
#>
param([string]$Name)
# One.
Write-Host "# text" # said
function Get-It {
}
