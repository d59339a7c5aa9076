package io.limiter.client.spring.autoconfigure;

import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** If there are limits by path in the properties. */
final class OnPathLimits extends SpringBootCondition {
  private static final String NAME = "limiter.client.web.limits";

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    ConditionMessage.Builder message = ConditionMessage.forCondition("Limits by path");
    return Binder.get(context.getEnvironment())
            .bind(NAME, Bindable.listOf(LimiterWebProperties.Limit.class))
            .orElse(List.of())
            .isEmpty()
        ? ConditionOutcome.noMatch(message.didNotFind("property").items(NAME))
        : ConditionOutcome.match(message.found("property").items(NAME));
  }
}
