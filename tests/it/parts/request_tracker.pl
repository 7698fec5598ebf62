# Fills a fresh Request Tracker with what a dispatcher needs, and prints the token of its account.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib', '/usr/local/share/request-tracker5/lib';
use RT;
RT::LoadConfig();
RT::Init();

my $system = RT->SystemUser;

# RT answers (value, message): a false value is a failure, and the message says which.
sub done { my ($what, $value, $message, @rest) = @_; die "$what: $message\n" unless $value; return ($value, @rest) }

my $user = RT::User->new($system);
done('user', $user->Create(Name => 'svc-dispatch', EmailAddress => 'svc@dispatch.test', Privileged => 1));

for my $name (qw(Network Hardware Access)) {
    done("queue $name", RT::Queue->new($system)->Create(Name => $name));
}

my $impact = RT::CustomField->new($system);
done('Impact', $impact->Create(Name => 'Impact', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket'));
done("Impact $_", $impact->AddValue(Name => $_)) for qw(Low Medium High);

my $key = RT::CustomField->new($system);
done('DispatchKey', $key->Create(Name => 'DispatchKey', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket'));

done($_->Name, $_->AddToObject(RT::Queue->new($system))) for $impact, $key;

my @rights = qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ReplyToTicket ModifyTicket OwnTicket
    SeeCustomField ModifyCustomField SetInitialCustomField ManageAuthTokens);
done($_, $user->PrincipalObj->GrantRight(Right => $_, Object => $RT::System)) for @rights;

my ($id, $token) = done('token', RT::AuthToken->new($system)->Create(Owner => $user->id, Description => 'dispatch'));
print "$token\n";
