@echo off
rem Starts steeliq from wherever this folder lies; without arguments it opens the window, arguments go to the command line.
setlocal
set "HERE=%~dp0"
set "PYTHONHOME="
set "PYTHONPATH="
set "PYTHONSTARTUP="
set "PYTHONNOUSERSITE=1"
set "PYTHONDONTWRITEBYTECODE=1"
set "PYTHONUTF8=1"
set "STEELIQ_LAUNCHER=%~f0"
if not exist "%HERE%python.exe" (
  echo steeliq: there is no python.exe beside "%~f0". Unpack the whole archive into a new folder and start that one. 1>&2
  exit /b 1
)
if "%~1"=="" (
  start "" "%HERE%pythonw.exe" -s -P -m steeliq app
  exit /b 0
)
"%HERE%python.exe" -s -P -m steeliq %*
exit /b %ERRORLEVEL%
