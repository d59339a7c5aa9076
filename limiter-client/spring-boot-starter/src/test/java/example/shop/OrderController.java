package example.shop;

import io.limiter.client.spring.RateLimited;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
class OrderController {

  @GetMapping("/users/{user}/orders")
  @RateLimited("user=#user")
  String orders(@PathVariable String user) {
    return "orders of " + user;
  }
}
