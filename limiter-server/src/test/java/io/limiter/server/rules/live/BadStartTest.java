package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A start with a file that cannot be read, or with files that are none of rules. */
class BadStartTest {
  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(LiveRules.class);

  @TempDir private Path place = Path.of("");
  private RulesDir directory = new RulesDir(place);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    directory = new RulesDir(place);
    log.start();
    LOGGER.addAppender(log);
  }

  @AfterEach
  void silence() {
    LOGGER.detachAppender(log);
  }

  private LiveRules start() throws IOException {
    return LiveRules.of(place, RuleFiles.load(place), Clock.systemUTC());
  }

  private static void settle(LiveRules rules) {
    while (rules.poll()) {}
  }

  private long logged(String part) {
    return log.list.stream().filter(e -> e.getFormattedMessage().contains(part)).count();
  }

  @Test
  void theOtherFiles_areServed_andTheBadOnesDomainFails_untilItIsMended() throws IOException {
    directory.write("good.yaml", RulesDir.domain("good", 1));
    directory.write("bad.yaml", "domain: bad\ndescriptors: [{ key: a, rate_limit: {} }]\n");
    LiveRules rules = start();
    settle(rules);
    assertInstanceOf(Domain.OfRules.class, rules.get().domain("good"));
    assertThrows(RulesUnreadableException.class, () -> rules.get().domain("bad"));
    assertEquals(1, rules.state().lastAttempt().problems().size());
    assertEquals(1, logged("bad.yaml:2:37: unit is missing"), log.list::toString);
    assertEquals(1, logged("fail until they are mended: [bad]"), log.list::toString);

    directory.write("bad.yaml", "domain: bad\ndescriptors: []\n");
    settle(rules);
    assertInstanceOf(Domain.OfDescriptors.class, rules.get().domain("bad"));
    assertTrue(rules.state().lastAttempt().good());
  }

  @Test
  void aBadFileOfANewDomain_makesThatDomainFail_untilItIsGone() throws IOException {
    directory.write("good.yaml", RulesDir.domain("good", 1));
    LiveRules rules = start();
    settle(rules);
    directory.write("new.yaml", "domain: new\nrules: [{}]\n");
    settle(rules);
    assertThrows(RulesUnreadableException.class, () -> rules.get().domain("new"));
    directory.delete("new.yaml");
    settle(rules);
    assertInstanceOf(Domain.Unknown.class, rules.get().domain("new"));
  }

  @Test
  void whatIsLeftOut_isSaidOnce_alsoByRules() throws IOException {
    directory.write("good.yaml", RulesDir.domain("good", 1));
    directory.write("notes.txt", "nothing");
    LiveRules rules = start();
    settle(rules);
    directory.write("good.yaml", RulesDir.domain("good", 2));
    settle(rules);
    directory.write("more.txt", "nothing");
    settle(rules);
    assertEquals(
        List.of("more.txt: it names no domain", "notes.txt: it names no domain"),
        rules.state().lastAttempt().leftOut());
    assertEquals(1, logged("Left out of the rules: notes.txt: it names no domain"));
    assertEquals(1, logged("Left out of the rules: more.txt: it names no domain"));
  }
}
