# What tests push that are about the platform and not about a language: needs no build, uses Debian's perl-base.
#   /        "GREETING from PAAS_APP PAAS_RELEASE"
#   /slow/3  the same, after three seconds
#   /fill    writes more to the disk than an instance may, then answers
# BIND (0.0.0.0), STATUS (200) and START_AFTER (0 s) make it behave badly; SECRET is said when it starts.
use strict;
use warnings;
use IO::Socket::INET;

$| = 1;
print "the secret is $ENV{SECRET}\n" if $ENV{SECRET};
sleep $ENV{START_AFTER} if $ENV{START_AFTER};
my $listener = IO::Socket::INET->new(LocalAddr => $ENV{BIND} // '0.0.0.0', LocalPort => $ENV{PORT}, Listen => 256, ReuseAddr => 1)
  or die "cannot listen: $!\n";
print "listening on $ENV{PORT}\n";

# Requests under way are answered before the process ends.
my $ending = 0;
$SIG{TERM} = sub { $ending = 1; close $listener; };
until ($ending) {
  1 while waitpid(-1, 1) > 0;
  my $client = $listener->accept or next;
  my $child = fork;
  if (!defined $child || $child) {
    close $client;
    next;
  }

  $SIG{TERM} = 'IGNORE';
  my $request = <$client> // exit 0;
  while (defined(my $header = <$client>)) {
    last if $header =~ /^\r?\n$/;
  }

  sleep $1 if $request =~ m{^\S+ /slow/(\d+)};
  system 'fallocate', '-l', '1100M', '/var/tmp/fill' if $request =~ m{^\S+ /fill };
  my $body = sprintf "%s from %s %s\n", $ENV{GREETING} // 'Hello', $ENV{PAAS_APP}, $ENV{PAAS_RELEASE};
  printf $client "HTTP/1.1 %s Said\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", $ENV{STATUS} // 200, length $body, $body;
  exit 0;
}

1 while wait > 0;
print "every request is answered\n";
