package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.index.WhenIndex;
import io.limiter.server.rules.table.CompiledRule;
import io.limiter.server.rules.table.DescriptorNode;
import io.limiter.server.rules.table.DescriptorRules;
import io.limiter.server.rules.table.DomainRules;
import io.limiter.server.rules.yaml.EnvoyYaml;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import io.limiter.server.rules.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One file of rules, read.
 *
 * @param domain the domain it is for, and where it says so; empty when it does not
 * @param rules empty when there is any problem
 */
record DomainFile(
    Problems problems, Optional<Located<String>> domain, Optional<Domain.Known> rules) {
  static final List<String> FIELDS = List.of("domain", "partition", "rules");

  /** Those of an Envoy configuration, and one of our own. */
  static final List<String> DESCRIPTOR_FIELDS = List.of("domain", "descriptors", "charge-on-deny");

  /**
   * Reads a file.
   *
   * @param file its name, for the problems
   */
  static DomainFile read(String file, String text) {
    Problems problems = new Problems(file);
    return YamlText.read(text, DomainFile::isEnvoys, problems)
        .map(root -> read(file, root, problems))
        .orElse(unreadable(problems));
  }

  private static DomainFile read(String file, MappingNode root, Problems problems) {
    return isEnvoys(root) ? readDescriptors(file, root, problems) : readRules(file, root, problems);
  }

  private static DomainFile readRules(String file, MappingNode root, Problems problems) {
    Fields fields = new Fields(root, FIELDS, problems);
    Optional<Located<String>> domain = fields.read("domain", name -> Syntax.name("domain", name));
    fields.missing("domain", "start with domain: NAME");
    List<String> partition = AttributeNames.read(fields, "partition", problems);
    Node given = fields.get("partition").orElse(null);
    if (given instanceof SequenceNode list && list.getValue().isEmpty()) {
      problems.add(given, "partition is empty; name an attribute, or remove it");
    }
    fields.missing("rules", "add a list of rules, or rules: [] for none");
    RuleReader reader = new RuleReader(problems);
    List<WhenIndex.Entry<CompiledRule>> rules = new ArrayList<>();
    for (Node node : fields.list("rules", "a list of rules, or [] for none")) {
      reader.read(node, rules.size()).ifPresent(rules::add);
    }
    return new DomainFile(
        problems,
        domain,
        domain
            .filter(name -> problems.count() == 0)
            .map(name -> new DomainRules(name.value(), file, partition, rules)));
  }

  /**
   * Whether this is a configuration of Envoy's service: it has descriptors, or a domain and nothing
   * more.
   */
  static boolean isEnvoys(MappingNode root) {
    Set<String> keys = new HashSet<>();
    for (NodeTuple field : root.getValue()) {
      keys.add(field.getKeyNode() instanceof ScalarNode key ? key.getValue() : "");
    }
    return keys.contains("descriptors")
        || (keys.contains("domain") && DESCRIPTOR_FIELDS.containsAll(keys));
  }

  private static DomainFile readDescriptors(String file, MappingNode root, Problems problems) {
    Fields fields =
        new Fields(
            EnvoyYaml.resolved(root, problems),
            DESCRIPTOR_FIELDS,
            DescriptorReader.THEIRS,
            problems);
    Optional<Located<String>> domain = fields.read("domain", Syntax::descriptorDomain);
    fields.missing("domain", "start with domain: NAME");
    if (fields.get("descriptors").isEmpty()) {
      problems.warn(
          root, "there are neither descriptors nor rules; nothing is limited in this domain");
    }
    Optional<Boolean> chargeOnDeny =
        fields.get("charge-on-deny").map(given -> fields.flag("charge-on-deny"));
    DescriptorNode top = new DescriptorReader(problems).read(fields);
    return new DomainFile(
        problems,
        domain,
        domain
            .filter(name -> problems.count() == 0)
            .map(name -> new DescriptorRules(name.value(), file, chargeOnDeny, top)));
  }

  /** A file of which nothing is known but its problems. */
  static DomainFile unreadable(Problems problems) {
    return new DomainFile(problems, Optional.empty(), Optional.empty());
  }
}
