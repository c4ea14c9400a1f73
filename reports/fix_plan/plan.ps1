Set-StrictMode -Version 1.0
$ErrorActionPreference = 'Stop'
$script:Differing = 0
$script:UndoSteps = @()
$UndoFile = Join-Path (Get-Location) "grantlint-undo-$([DateTime]::UtcNow.ToString('yyyyMMddTHHmmssZ'))-$PID.ps1"

function Test-Step([string] $Apply, [string] $Kind) {
    if ($Apply -notin 'no', 'safe', 'all') { throw "use no, safe or all instead of: $Apply" }
    $Apply -eq 'all' -or ($Apply -eq 'safe' -and $Kind -eq 'safe')
}

# Whether each member of $Wanted has its value in $Found too. Lists may be in any order.
function Test-Same($Found, $Wanted) {
    if ($Wanted -is [array]) {
        $left = New-Object System.Collections.ArrayList
        foreach ($one in $Found) { if ($null -ne $one) { [void] $left.Add($one) } }
        if ($left.Count -ne $Wanted.Count) { return $false }
        foreach ($one in $Wanted) {
            $place = -1
            for ($n = 0; $n -lt $left.Count; $n++) {
                if (Test-Same ($left[$n]) $one) { $place = $n; break }
            }
            if ($place -lt 0) { return $false }
            $left.RemoveAt($place)
        }
        return $true
    }
    if ($Wanted -is [System.Management.Automation.PSCustomObject]) {
        foreach ($member in $Wanted.PSObject.Properties) {
            if (-not (Test-Same ($Found.($member.Name)) ($member.Value))) { return $false }
        }
        return $true
    }
    if ($null -eq $Wanted -or $null -eq $Found) { return ($null -eq $Wanted -and $null -eq $Found) }
    return ($Found -isnot [array] -and $Found -ceq $Wanted)
}

# The members of $Found that $Members names, as a request takes them. An object that is null stays null.
function Select-Member($Found, $Members) {
    if ($null -eq $Found) { return $null }
    $kept = [ordered] @{}
    foreach ($member in $Members.PSObject.Properties) {
        if ($member.Value -is [System.Management.Automation.PSCustomObject]) {
            $kept[$member.Name] = Select-Member ($Found.($member.Name)) ($member.Value)
        } else {
            $kept[$member.Name] = $Found.($member.Name)
        }
    }
    return $kept
}

# What the address of $Check shows. With a list, that is the one element whose $Check.Member is $Check.Value (JSON).
function Read-Found([hashtable] $Check) {
    $answer = Invoke-MgGraphRequest -Method GET -Uri $Check.Uri -OutputType Json | ConvertFrom-Json
    if (-not $Check.List) { return $answer }
    $element = $null
    $value = ConvertFrom-Json $Check.Value
    foreach ($one in $answer.($Check.List)) {
        if ($one.($Check.Member) -ceq $value) { $element = $one }
    }
    return [pscustomobject] @{ element = $element }
}

# Sends $Change if what $Check shows is what was read. Members of it that $Keeps names become the body of $Undo.
function Invoke-Change([string] $Step, [hashtable] $Check, [hashtable] $Change, [hashtable] $Undo, [string] $Keeps) {
    $found = Read-Found $Check
    if ($Check.Done -and (Test-Same $found (ConvertFrom-Json $Check.Done))) {
        Write-Host "step ${Step}: already done"
        return
    }
    if (-not (Test-Same $found (ConvertFrom-Json $Check.Read))) {
        Write-Warning "step ${Step}: not applied, because the current value differs from the value that was read: $($Check.Uri)"
        $script:Differing++
        return
    }
    if ($Undo) {
        if ($Keeps) {
            $kept = Select-Member $found (ConvertFrom-Json $Keeps)
            if ($Check.List) { $kept = $kept['element'] }
            $Undo.Change.ContentType = 'application/json'
            $Undo.Change.Body = ConvertTo-Json $kept -Depth 20 -Compress
        }
        Add-Undo $Step $Undo
    }
    [void] (Invoke-MgGraphRequest @Change)
    Write-Host "step ${Step}: applied"
}

# Fails if a step was not applied.
function Complete-Plan {
    if ($script:Differing) {
        Write-Warning "not applied: $script:Differing. Run grantlint again, and make a new plan."
        exit 1
    }
}

# Writes how to undo a step that is about to be applied, the last one first.
function Add-Undo([string] $Step, [hashtable] $Undo) {
    if (-not $script:UndoSteps) { Write-Host "undo with: $UndoFile" }
    $line = "Invoke-Change 'undo of $Step' $(ConvertTo-Source $Undo.Check) $(ConvertTo-Source $Undo.Change)"
    $script:UndoSteps = @($line) + $script:UndoSteps
    $lines = @(
        '# Undoes steps of a fix plan of grantlint.'
        'Set-StrictMode -Version 1.0'
        '$ErrorActionPreference = "Stop"'
        '$script:Differing = 0'
    )
    foreach ($name in 'Test-Same', 'Select-Member', 'Read-Found', 'Invoke-Change', 'Complete-Plan') {
        $function = Get-Item -LiteralPath "Function:$name"
        $lines += "function $name {$($function.Definition)}"
    }
    $lines + $script:UndoSteps + 'Complete-Plan' | Set-Content -LiteralPath $UndoFile -Encoding UTF8
}

# A hashtable of texts as PowerShell reads it.
function ConvertTo-Source([hashtable] $Table) {
    $pairs = foreach ($name in $Table.Keys) {
        $text = [string] $Table[$name] -replace '[''\u2018\u2019\u201a\u201b]', '$0$0'
        "$name = '$text'"
    }
    return "@{ $($pairs -join '; ') }"
}
