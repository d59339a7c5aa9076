package io.limiter.jmh.load;

import io.limiter.jmh.load.traffic.RuleDomain;
import io.limiter.jmh.load.traffic.RuleSet;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import picocli.CommandLine;

/**
 * How many decisions a second does this service make, and how long do they take? Asks a service as
 * fast as it answers, or at a given rate, and prints what came of it.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.limiter.jmh.load.Load [FLAGS]; --help lists them</pre>
 *
 * Without {@code --target} it starts a Redis and the service from {@code limiter-server/target},
 * with rules of its own, and ends both. What is to be known of two things is their ratio, taken in
 * turn in one run:
 *
 * <pre>
 * … --kind unary --against "--kind health"    what a decision costs beside a call that decides nothing
 * … --kind stream --against "--kind unary"
 * … --rules 3 --against "--rules 1"
 * … --domain-rules 10000 --against "--domain-rules 10"    what it costs to find a rule among many
 * … --kind unary --rate 5000                  latency at a rate, from when each question was due
 * … --algorithm fixed-window --charges --against "--rate 60000 --deadline 50ms"    beyond capacity
 * … --serve-args "--grpc-tls-cert C --grpc-tls-key K" --cacert CA --against "--serve-args= --cacert="    TLS
 * … --kind envoy --target HOST:PORT --domain D --question "path=/,user"    any service that Envoy asks
 * </pre>
 */
public final class Load {
  /** As gRPC's own Netty names it. */
  static final String LEAK_DETECTION = "io.grpc.netty.shaded.io.netty.leakDetection.level";

  private Load() {}

  /**
   * Exits with 0 when decisions were made in every round, with 1 when not, with 2 for bad flags.
   */
  public static void main(String[] arguments) {
    withoutLeakDetection();
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.exit(run(out, System.err, arguments));
  }

  /**
   * Netty keeps stack traces of a share of its buffers, which costs the client several percent. To
   * be called before Netty is used; a level that is set already stays.
   */
  private static void withoutLeakDetection() {
    System.getProperties().putIfAbsent(LEAK_DETECTION, "disabled");
  }

  static int run(PrintStream out, PrintStream err, String... arguments) {
    LoadFlags flags;
    try {
      flags = LoadFlags.parse(arguments);
    } catch (CommandLine.ParameterException wrong) {
      err.println("load: " + wrong.getMessage());
      return 2;
    }
    try {
      if (flags.help) {
        LoadFlags.commandLine(flags).usage(out);
      } else if (flags.writeRules != null) {
        Set<RuleDomain> domains = RuleSet.withoutLeases();
        domains.addAll(flags.traffic.domains());
        if (flags.against != null) {
          domains.addAll(flags.other().traffic.domains());
        }
        RuleSet.write(flags.writeRules, domains);
      } else {
        return new Run(flags, out).run() ? 0 : 1;
      }
      return 0;
    } catch (IOException | RuntimeException failed) {
      err.println("load: " + failed.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }
}
