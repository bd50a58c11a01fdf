' Opens steeliq's window without a black console beside it. A double click is enough.
Option Explicit
Dim shell, files, here, settings
Set shell = CreateObject("WScript.Shell")
Set files = CreateObject("Scripting.FileSystemObject")
here = files.GetParentFolderName(WScript.ScriptFullName)
If Not files.FileExists(here & "\pythonw.exe") Then
  MsgBox "There is no pythonw.exe beside " & WScript.ScriptFullName & "." & vbCrLf & _
    "Unpack the whole archive into a new folder and start that one.", vbExclamation, "steeliq"
  WScript.Quit 1
End If
Set settings = shell.Environment("Process")
settings("PYTHONHOME") = ""
settings("PYTHONPATH") = ""
settings("PYTHONSTARTUP") = ""
settings("PYTHONNOUSERSITE") = "1"
settings("PYTHONDONTWRITEBYTECODE") = "1"
settings("PYTHONUTF8") = "1"
settings("STEELIQ_LAUNCHER") = here & "\steeliq.bat"
shell.Run """" & here & "\pythonw.exe"" -s -P -m steeliq app", 0, False
