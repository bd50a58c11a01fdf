@echo off
rem Starts the kit that the file "current" beside it names. Written by "steeliq update".
setlocal
set "KIT="
if exist "%~dp0current" set /p KIT=<"%~dp0current"
if not defined KIT goto nothing
if not exist "%~dp0%KIT%\steeliq.bat" goto nothing
call "%~dp0%KIT%\steeliq.bat" %*
exit /b %ERRORLEVEL%
:nothing
echo steeliq: %~dp0current names no kit that is there; start steeliq.bat in the folder of a kit 1>&2
exit /b 1
