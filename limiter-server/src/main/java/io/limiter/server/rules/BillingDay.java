package io.limiter.server.rules;

import java.util.Map;

/**
 * The day on which a month begins, as files say it.
 *
 * @param day 1 to 31; 1 if an attribute names it
 * @param attribute the one of a request that names the day; empty if none does
 */
public record BillingDay(int day, String attribute) {
  /** As many there are. */
  public static final int MOST = 31;

  /** Whether each request names it. */
  public boolean isNamed() {
    return !attribute.isEmpty();
  }

  /**
   * The day that a request names.
   *
   * @param rule whose months begin then
   * @return 1 to {@link #MOST}
   * @throws BadAttributeException if it names none
   */
  public static int named(String attribute, Map<String, String> attributes, String rule) {
    String value = attributes.get(attribute);
    if (value == null) {
      throw new BadAttributeException(
          attribute,
          "is missing; pass the day on which months of rule %s begin, 1 to %d"
              .formatted(Quoted.text(rule), MOST));
    }
    int day = number(value);
    if (day < 1 || day > MOST) {
      throw new BadAttributeException(
          attribute,
          "%s is no day on which months of rule %s could begin; pass 1 to %d"
              .formatted(Quoted.text(value), Quoted.text(rule), MOST));
    }
    return day;
  }

  /** The number of one or two digits; 0 for any other text. */
  public static int number(String text) {
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || i > 1) {
        return 0;
      }
      number = 10 * number + digit;
    }
    return number;
  }
}
