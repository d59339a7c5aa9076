package io.limiter.server.store.endpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a connection to Redis logs in. Its text holds no password. */
public sealed interface Credentials {
  /** It does not. */
  Credentials NONE = new None();

  /**
   * The user and password for a connection that is made now. May read files.
   *
   * @return empty if none is to be given
   * @throws IOException when a file cannot be used; the message names it, and not what it holds
   */
  Optional<Login> current() throws IOException;

  /**
   * A user and a password.
   *
   * @param user empty for Redis's user {@code default}
   */
  record Login(Optional<String> user, String password) {
    @Override
    public String toString() {
      return "a user and a password";
    }
  }

  /** Redis is asked without a password. */
  record None() implements Credentials {
    @Override
    public Optional<Login> current() {
      return Optional.empty();
    }
  }

  /** Those that the URI holds. */
  record Given(Optional<String> user, String password) implements Credentials {
    @Override
    public Optional<Login> current() {
      return Optional.of(new Login(user, password));
    }

    @Override
    public String toString() {
      return "a user and a password";
    }
  }

  /**
   * Those in files, which are read again for each connection: whoever rotates them need not restart
   * the service.
   *
   * @param user the user's name, unless a file holds it; empty for Redis's user {@code default}
   * @param whose they are, for messages, such as {@code Redis's}
   */
  record Files(Optional<String> user, @Nullable Path userFile, Path passwordFile, String whose)
      implements Credentials {
    /** Those of Redis itself. */
    public Files(Optional<String> user, @Nullable Path userFile, Path passwordFile) {
      this(user, userFile, passwordFile, "Redis's");
    }

    /** Those of the Sentinels. */
    public static Files ofSentinels(Optional<String> user, Path passwordFile) {
      return new Files(user, null, passwordFile, "the Sentinels'");
    }

    @Override
    public Optional<Login> current() throws IOException {
      Optional<String> name =
          userFile == null ? user : Optional.of(SecretFile.read(userFile, whose, "user"));
      return Optional.of(new Login(name, SecretFile.read(passwordFile, whose, "password")));
    }
  }
}
