package io.limiter.script;

import io.limiter.ledger.Ending;
import io.limiter.ledger.Role;
import java.util.List;

/** What the headers of questions tell by letters. */
public final class Letters {
  private Letters() {}

  /** Roles as a header tells them, a letter each. */
  public static String of(List<Role> roles) {
    StringBuilder letters = new StringBuilder(roles.size());
    for (Role role : roles) {
      letters.append(
          switch (role) {
            case ENFORCED -> 'e';
            case QUOTA -> 'q';
            case SHADOW -> 's';
            case CANDIDATE -> 'c';
            case JOINED -> 'j';
          });
    }
    return letters.toString();
  }

  /** How holds are ended. */
  static char of(Ending.What what) {
    return switch (what) {
      case SETTLE -> 's';
      case RELEASE -> 'r';
      case EXTEND -> 'x';
    };
  }
}
