package io.limiter.jmh;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import java.util.List;

/** Tables with as many entries as wanted, each with a limit of its own. */
final class ManyRules {
  private ManyRules() {}

  /** What tells an entry from the others in a match. */
  static int limit(int entry) {
    return entry + 1;
  }

  static RuleTable rules(int entries) {
    StringBuilder yaml = new StringBuilder("domain: bench\nrules:\n");
    for (int i = 0; i < entries; i++) {
      yaml.append("  - name: rule-").append(i).append('\n');
      yaml.append("    key: [user]\n");
      yaml.append("    when: { endpoint: \"").append(WireRequests.endpoint(i)).append("\" }\n");
      yaml.append("    algorithm: fixed-window\n    window: 1m\n");
      yaml.append("    limit: ").append(limit(i)).append('\n');
    }
    return table(yaml);
  }

  static RuleTable overrides(int entries) {
    StringBuilder yaml = new StringBuilder("domain: bench\nrules:\n");
    yaml.append("  - name: per-user\n    key: [user]\n");
    yaml.append("    algorithm: fixed-window\n    limit: 20000\n    window: 1m\n    overrides:\n");
    for (int i = 0; i < entries; i++) {
      yaml.append("      - when: { user: ").append(WireRequests.user(i)).append(" }\n");
      yaml.append("        limit: ").append(limit(i)).append('\n');
    }
    return table(yaml);
  }

  static RuleTable descriptors(int entries) {
    StringBuilder yaml = new StringBuilder("domain: bench\ndescriptors:\n");
    for (int i = 0; i < entries; i++) {
      yaml.append("  - key: user\n    value: ").append(WireRequests.user(i)).append('\n');
      yaml.append("    rate_limit: { unit: minute, requests_per_unit: ").append(limit(i));
      yaml.append(" }\n");
    }
    return table(yaml);
  }

  private static RuleTable table(StringBuilder yaml) {
    LoadedRules loaded =
        RuleFiles.load(List.of(new RuleFiles.Source("bench.yaml", yaml.toString())));
    if (!loaded.problems().isEmpty()) {
      throw new IllegalStateException("the benchmark's own rules: " + loaded.problems());
    }
    return loaded.table();
  }
}
