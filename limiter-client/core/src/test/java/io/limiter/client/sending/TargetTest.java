package io.limiter.client.sending;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A target that is written wrong is refused at once: it would look like a service that is away. */
class TargetTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:8081",
        "limiter.internal:8081",
        "localhost:1",
        "[::1]:8081",
        "[fe80::1%eth0]:65535",
        "dns:///limiter.internal:8081",
        "unix:///run/limiter.sock",
        "unix:/run/limiter.sock"
      })
  void whatNamesAHostAndAPort_isTaken(String target) {
    assertEquals(target, Target.checked(target));
  }

  @Test
  void aList_isTakenWhole_withEachOnce() {
    assertEquals(
        "limiter-addresses:///10.0.0.1:8081,%5B::1%5D:8081",
        Target.checked("10.0.0.1:8081, [::1]:8081,10.0.0.1:8081"));
    assertEquals("10.0.0.1:8081", Target.checked("10.0.0.1:8081,10.0.0.1:8081"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost | is not HOST:PORT; write localhost:8081",
        "'' | is not HOST:PORT; write for example limiter.internal:8081",
        "localhost: | is not HOST:PORT; write for example limiter.internal:8081",
        ":8081 | is not HOST:PORT; write for example limiter.internal:8081",
        "http://localhost:8081 | is a web address; write localhost:8081",
        "https://limiter.internal/ | is a web address; write limiter.internal:8081",
        "grpc://localhost:8081/x | is a web address; write localhost:8081",
        "::1:8081 | is not HOST:PORT; write an IPv6 address in brackets, such as [::1]:8081",
        "localhost:80811 | has no port of a service; use 1 to 65535, 8081 by default",
        "localhost:0 | has no port of a service; use 1 to 65535, 8081 by default",
        "localhost:grpc | is not HOST:PORT; write for example limiter.internal:8081",
        "'local host:8081' | is not HOST:PORT; write for example limiter.internal:8081"
      })
  void anyOther_isRefusedWithWhatToWrite(String target, String message) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Target.checked(target));
    assertEquals("target \"" + target + "\" " + message, refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1:8081,limiter | target \"limiter\" is not HOST:PORT; write limiter:8081",
        "10.0.0.1:8081, | target \"\" is not HOST:PORT; write for example limiter.internal:8081",
        "a:1,dns:///b:2 | target \"dns:///b:2\" cannot stand in a list; write HOST:PORT,HOST:PORT"
      })
  void aListWithAMistake_isRefusedForThatPart(String target, String message) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Target.checked(target));
    assertEquals(message, refused.getMessage());
  }
}
