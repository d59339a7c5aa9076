package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.CollidingTexts;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What tables are keyed by, made of texts that are equal in {@link String#hashCode}, has hashes of
 * its own. Tables that are keyed by the texts themselves order those of one hash: texts compare.
 */
class EqualHashesTest {
  private static final int COUNT = 1 << 14;
  private static final FixedWindow DAY = FixedWindow.per(86_400_000_000L, 1);

  private enum Key {
    VALUE(PatternSyntax::parse),
    START(text -> PatternSyntax.parse(text + "*")),
    END(text -> PatternSyntax.parse("*" + text)),
    MIDDLE(text -> PatternSyntax.parse("*" + text + "*")),
    CONDITION_ON_VALUE(text -> condition("a", text)),
    CONDITION_ON_ATTRIBUTE(text -> condition(text, "a")),
    UNWANTED(text -> new Condition("a", Set.of(), Set.of(PatternSyntax.parse(text)))),
    RESIDUAL(text -> List.of(condition("a", "b"), condition("a", text))),
    RULE(
        text ->
            new Rule(
                text,
                List.of(),
                DAY,
                Rule.Mode.ENFORCE,
                /* unit= */ "",
                Keying.INLINE,
                FailureMode.LOCAL));

    private final Function<String, Object> of;

    Key(Function<String, Object> of) {
      this.of = of;
    }

    private static Condition condition(String attribute, String value) {
      return new Condition(attribute, Set.of(PatternSyntax.parse(value)), Set.of());
    }
  }

  @ParameterizedTest
  @EnumSource(Key.class)
  void keysOfTextsOfOneHash_haveHashesOfTheirOwn(Key key) {
    List<String> texts = CollidingTexts.of(COUNT);
    long hashes = texts.stream().map(key.of).map(Object::hashCode).distinct().count();
    // Of so many random hashes of 32 bits 0.03 pairs are equal.
    assertTrue(hashes > COUNT - 5, () -> hashes + " hashes of " + COUNT);
  }
}
