package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.index.WhenIndex;
import io.limiter.server.rules.table.CompiledRule;
import io.limiter.server.rules.table.DescriptorNode;
import io.limiter.server.rules.table.DescriptorRules;
import io.limiter.server.rules.table.DomainRules;
import io.limiter.server.rules.yaml.EnvoyYaml;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import io.limiter.server.rules.yaml.YamlText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One file of rules, read.
 *
 * @param domain the domain it is for, and where it says so; null when it does not
 * @param rules null when there is any problem
 */
record DomainFile(Problems problems, @Nullable Given<String> domain, Domain.@Nullable Known rules) {
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
    MappingNode root = YamlText.read(text, problems);
    if (root == null) {
      return unreadable(problems);
    }
    if (root.getValue().stream().anyMatch(DomainFile::isDescriptors)) {
      return readDescriptors(file, root, problems);
    }
    Fields fields = new Fields(root, FIELDS, problems);
    Given<String> domain = fields.read("domain", name -> Syntax.name("domain", name));
    fields.missing("domain", "start with domain: NAME");
    List<String> partition = AttributeNames.read(fields, "partition", problems);
    if (fields.get("partition") instanceof SequenceNode given && given.getValue().isEmpty()) {
      problems.add(given, "partition is empty; name an attribute, or remove it");
    }
    fields.missing("rules", "add a list of rules, or rules: [] for none");
    RuleReader reader = new RuleReader(problems);
    List<WhenIndex.Entry<CompiledRule>> rules = new ArrayList<>();
    for (Node node : fields.list("rules", "a list of rules, or [] for none")) {
      WhenIndex.Entry<CompiledRule> rule = reader.read(node, rules.size());
      if (rule != null) {
        rules.add(rule);
      }
    }
    return new DomainFile(
        problems,
        domain,
        domain == null || problems.count() > 0
            ? null
            : new DomainRules(domain.value(), file, partition, rules));
  }

  private static boolean isDescriptors(NodeTuple field) {
    return field.getKeyNode() instanceof ScalarNode key && key.getValue().equals("descriptors");
  }

  private static DomainFile readDescriptors(String file, MappingNode root, Problems problems) {
    Fields fields = new Fields(EnvoyYaml.resolved(root, problems), DESCRIPTOR_FIELDS, problems);
    Given<String> domain = fields.read("domain", Syntax::descriptorDomain);
    fields.missing("domain", "start with domain: NAME");
    boolean chargeOnDeny = fields.flag("charge-on-deny");
    DescriptorNode top = DescriptorNode.top();
    new DescriptorReader(problems).read(fields, top);
    return new DomainFile(
        problems,
        domain,
        domain == null || problems.count() > 0
            ? null
            : new DescriptorRules(domain.value(), file, chargeOnDeny, top));
  }

  /** A file of which nothing is known but its problems. */
  static DomainFile unreadable(Problems problems) {
    return new DomainFile(problems, null, null);
  }
}
