package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.index.WhenIndex;
import io.limiter.server.rules.price.NamedPrices;
import io.limiter.server.rules.price.PriceFile;
import io.limiter.server.rules.price.ReadPrices;
import io.limiter.server.rules.profile.file.ProfileFile;
import io.limiter.server.rules.profile.file.ReadProfile;
import io.limiter.server.rules.syntax.AttributeNames;
import io.limiter.server.rules.syntax.Syntax;
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
import java.util.Map;
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
 * @param heapBytes about what the rules take of the heap
 * @param profiles those of a file of profiles, by their names, good or bad
 * @param prices the list of a file of prices, good or bad
 * @param named the lists of prices that its rules name, and where
 */
record DomainFile(
    Problems problems,
    Optional<Located<String>> domain,
    Optional<Domain.Known> rules,
    long heapBytes,
    Map<String, ReadProfile> profiles,
    Optional<ReadPrices> prices,
    List<Located<String>> named) {
  static final List<String> FIELDS = List.of("domain", "partition", "rules");

  /** Those of an Envoy configuration, and one of our own. */
  static final List<String> DESCRIPTOR_FIELDS = List.of("domain", "descriptors", "charge-on-deny");

  /** What profiles and prices take of the heap, as a part of their trees; measured. */
  private static final double PROFILES = 2;

  private static final double PRICES = 0.5;

  /**
   * Reads a file.
   *
   * @param file its name, for the problems
   * @param heap what it may take
   */
  static DomainFile read(String file, String text, TableHeap heap) {
    Problems problems = new Problems(file);
    return YamlText.read(text, problems, heap.bounds(text.length()), DomainFile::isEnvoys)
        .map(root -> read(file, root, problems, heap))
        .orElse(unreadable(problems));
  }

  private DomainFile(
      Problems problems,
      Optional<Located<String>> domain,
      Optional<Domain.Known> rules,
      long heapBytes) {
    this(problems, domain, rules, heapBytes, Map.of(), Optional.empty(), List.of());
  }

  /** Of no domain. */
  private DomainFile(
      Problems problems,
      long heapBytes,
      Map<String, ReadProfile> profiles,
      Optional<ReadPrices> prices) {
    this(problems, Optional.empty(), Optional.empty(), heapBytes, profiles, prices, List.of());
  }

  private static DomainFile read(String file, MappingNode root, Problems problems, TableHeap heap) {
    if (ProfileFile.isOne(root)) {
      TableHeap.Estimate estimate = TableHeap.Estimate.ofTree(root, PROFILES);
      return heap.take(estimate, root, problems)
          ? new DomainFile(
              problems, estimate.table(), ProfileFile.read(file, root, problems), Optional.empty())
          : unreadable(problems);
    }
    if (PriceFile.isOne(root)) {
      TableHeap.Estimate estimate = TableHeap.Estimate.ofTree(root, PRICES);
      return heap.take(estimate, root, problems)
          ? new DomainFile(
              problems,
              estimate.table(),
              Map.of(),
              Optional.of(PriceFile.read(file, root, estimate.table(), problems)))
          : unreadable(problems);
    }
    return isEnvoys(root)
        ? readDescriptors(file, EnvoyYaml.resolved(root, problems), problems, heap)
        : readRules(file, root, problems, heap);
  }

  /** A file whose table would not fit: all that is known is what it says it is for. */
  private static DomainFile tooLarge(Optional<Located<String>> domain, Problems problems) {
    return new DomainFile(problems, domain, Optional.empty(), 0);
  }

  private static DomainFile readRules(
      String file, MappingNode root, Problems problems, TableHeap heap) {
    Fields fields = new Fields(root, FIELDS, problems);
    Optional<Located<String>> domain = fields.read("domain", name -> Syntax.name("domain", name));
    fields.missing("domain", "start with domain: NAME");
    TableHeap.Estimate estimate = TableHeap.Estimate.ofRules(root);
    if (!heap.take(estimate, root, problems)) {
      return tooLarge(domain, problems);
    }
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
            .map(name -> new DomainRules(name.value(), file, partition, rules)),
        estimate.table(),
        Map.of(),
        Optional.empty(),
        NamedPrices.in(root));
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

  private static DomainFile readDescriptors(
      String file, MappingNode root, Problems problems, TableHeap heap) {
    Fields fields = new Fields(root, DESCRIPTOR_FIELDS, DescriptorReader.THEIRS, problems);
    Optional<Located<String>> domain = fields.read("domain", Syntax::descriptorDomain);
    fields.missing("domain", "start with domain: NAME");
    TableHeap.Estimate estimate = TableHeap.Estimate.ofDescriptors(root);
    if (!heap.take(estimate, root, problems)) {
      return tooLarge(domain, problems);
    }
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
            .map(name -> new DescriptorRules(name.value(), file, chargeOnDeny, top)),
        estimate.table());
  }

  /** A file of which nothing is known but its problems. */
  static DomainFile unreadable(Problems problems) {
    return tooLarge(Optional.empty(), problems);
  }
}
