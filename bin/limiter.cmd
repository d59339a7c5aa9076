@echo off
rem Runs Limiter on Windows. JAVA_HOME names the Java to use, LIMITER_JAVA_OPTS has options for it.
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
set "JAR=%~dp0..\limiter-server\target\limiter-server.jar"
if exist "%~dp0..\limiter-server.jar" set "JAR=%~dp0..\limiter-server.jar"
if exist "%~dp0limiter-server.jar" set "JAR=%~dp0limiter-server.jar"
if not exist "%JAR%" (
  echo limiter: limiter-server.jar is not there; build it: mvnw.cmd -B -ntp -DskipTests package -pl limiter-server -am 1>&2
  exit /b 2
)
set "OPTIONS=%LIMITER_JAVA_OPTS%"
set LIMITER_JAVA_OPTS=
"%JAVA%" %OPTIONS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%
