package io.limiter.server.cli.access;

import io.limiter.server.access.SecretHash;
import io.limiter.server.access.file.AccessFile;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.rules.yaml.BadValueException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a token. */
@Command(
    name = "token",
    description = "Makes a token for a caller, and the hash that the file of callers has of it.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:made", "2:a flag is wrong"})
final class AccessToken implements Callable<Integer> {
  /** 43 characters of base64. */
  private static final int SECRET_BYTES = 32;

  @Option(
      names = "--caller",
      required = true,
      paramLabel = "NAME",
      description = "Whose it is, as the file of callers names it.")
  private String caller = "";

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    String name;
    try {
      name = AccessFile.name("name", caller);
    } catch (BadValueException e) {
      throw console.refusal("--caller: " + e.getMessage());
    }
    SecureRandom random = new SecureRandom();
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    console.out().println("The token, for the caller. It is not shown again:");
    console.out().println(name + "." + secret);
    console.out().println("Its hash, for the caller's tokens: in the file of callers:");
    console.out().println("- \"" + SecretHash.of(secret, random) + "\"");
    return 0;
  }
}
