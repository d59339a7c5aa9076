package io.limiter.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.Algorithm;
import io.limiter.jmh.load.traffic.Kind;
import io.limiter.jmh.load.traffic.Question;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LoadFlagsTest {

  @Test
  void nothingGiven_meansTheDefaultsOfTheHelp() {
    LoadFlags flags = LoadFlags.parse();

    assertEquals(Kind.UNARY, flags.traffic.kind);
    assertEquals("uniform:100000", flags.traffic.keys.toString());
    assertEquals(Duration.ofSeconds(10), flags.pace.time);
    assertEquals(1, flags.rounds());
    assertEquals(new Question("load-token-bucket", "user"), flags.traffic.open());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--kind unry | \"unry\" is no kind; use unary, batch, stream, client, envoy, health",
        "--algorithm gcra | \"gcra\" is no algorithm; use fixed-window, sliding-log, sliding-counter, token-bucket, leaky-bucket, concurrency",
        "--keys zipf | \"zipf\" is no choice of keys; use one, uniform:100000, zipf:100000 or zipf:100000:1.2",
        "--time 10 | \"10\" is no time; use a number with its unit, such as 500ms, 10s or 2m",
        "--denied 101 | --denied 101 is out of range; use 0 to 100",
        "--rules 9 | --rules 9 is out of range; use 1 to 8",
        "--batch 1001 | --batch 1001 is out of range; use 1 to 1000",
        "--connections 0 | --connections 0 is out of range; use 1 to 1000",
        "--kind stream --in-flight 1025 | --in-flight with --kind stream 1025 is out of range; use 1 to 1024",
        "--kind envoy --rules 3 | --rules 3 chooses among the generator's own rules; write the question with --question",
        "--domain-rules 100001 | --domain-rules 100001 is out of range; use 0 to 100000",
        "--domain-rules 10 --rules 3 | --domain-rules 10 is no multiple of --rules 3, which apply to a question; use one",
        "--domain-rules 10 --domain x | --domain-rules 10 chooses among the generator's own rules; write the question with --question",
        "--question user --denied 5 | --denied with --question needs --denied-question: which of your rules is used up",
        "--question user,,x | question \"user,,x\" has an entry without a name; write it as user,plan=gold",
        "--target localhost | --target \"localhost\" is no HOST:PORT; write it as 127.0.0.1:8081",
        "--serve-args 'a | a quote is not closed in: 'a",
        "--against --against=x | --against holds an --against; compare two at a time",
        "--against --denied=200 | --denied 200 is out of range; use 0 to 100",
        "--charges | --charges adds up the generator's own counters; use it with --algorithm fixed-window and no lease",
        "--nonsense | Unknown option: '--nonsense'"
      })
  void whatIsWrong_isSaidWithWhatWouldBeRight(String given, String message) {
    var wrong =
        assertThrows(
            CommandLine.ParameterException.class, () -> LoadFlags.parse(given.split(" ", -1)));

    assertEquals(
        message, String.valueOf(wrong.getMessage()).replaceFirst("^Invalid value for .*?: ", ""));
  }

  @Test
  void against_replacesWhatItGives_andKeepsTheRest() {
    LoadFlags flags =
        LoadFlags.parse(
            "--keys",
            "one",
            "--against",
            "--keys zipf:9 --algorithm sliding-log",
            "--rounds",
            "3",
            "--time",
            "2s");
    LoadFlags other = flags.other();

    assertEquals("one", flags.traffic.keys.toString());
    assertEquals("zipf:9", other.traffic.keys.toString());
    assertEquals(Algorithm.SLIDING_LOG, other.traffic.algorithm);
    assertEquals(Duration.ofSeconds(2), other.pace.time);
    assertEquals(flags.serviceKey(), other.serviceKey());
    assertEquals(3, flags.rounds());
  }

  @Test
  void against_canTakeBackALease_andAskAnotherService() {
    LoadFlags flags =
        LoadFlags.parse("--lease", "--against", "--no-lease --serve-args '--a \"b c\"'");
    LoadFlags other = flags.other();

    assertEquals("load-token-bucket-leased", flags.traffic.open().domain());
    assertEquals("load-token-bucket", other.traffic.open().domain());
    assertEquals("--a \"b c\"", other.service.serveArgs);
    assertNotEquals(flags.serviceKey(), other.serviceKey());
  }

  @Test
  void against_withOtherRulesInTheDomain_asksAServiceOfItsOwn() {
    LoadFlags flags = LoadFlags.parse("--domain-rules=10000", "--against=--domain-rules 10");

    assertNotEquals(flags.serviceKey(), flags.other().serviceKey());
    assertEquals("load-token-bucket-of-10000", flags.traffic.open().domain());
    assertEquals("load-token-bucket-of-10", flags.other().traffic.open().domain());
  }

  @Test
  void against_atOneTarget_asksOneService() {
    LoadFlags flags =
        LoadFlags.parse(
            "--target=localhost:1", "--domain-rules=10000", "--against=--domain-rules 10");

    assertEquals(flags.serviceKey(), flags.other().serviceKey());
  }

  @Test
  void against_comparesFivePairs_unlessToldOtherwise() {
    assertEquals(5, LoadFlags.parse("--against", "--kind health").rounds());
    assertEquals(2, LoadFlags.parse("--against=--kind health", "--rounds=2").rounds());
  }

  @Test
  void settings_sayWhatIsMeasured() {
    var settings = LoadFlags.parse("--rate", "500", "--json", "f").settings();

    assertEquals("500.0", settings.get("rate"));
    assertEquals("unary", settings.get("kind"));
    assertEquals(null, settings.get("json"));
  }
}
