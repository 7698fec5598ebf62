"""Goes through a whole conversation as a bot would, and reads what a refusal says to programs.

Usage: client.py HOST:PORT. Ends with 0, or says what was wrong.
"""

import sys

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from dispatch.v1 import conversation_pb2 as pb
from dispatch.v1 import conversation_pb2_grpc, ticket_pb2, ticket_pb2_grpc, types_pb2

EMPLOYEE = types_pb2.Person(issuer="python", subject="U7", display_name="An employee")


class Bot:
    """One conversation with the desk."""

    def __init__(self, channel):
        self.desk = conversation_pb2_grpc.ConversationServiceStub(channel)
        self.sent = 0

    def message(self, text):
        self.sent += 1
        return pb.SendMessageRequest(
            message_id=f"m-{self.sent}", conversation="thread-1", requester=EMPLOYEE, text=text
        )

    def say(self, text):
        return self.desk.SendMessage(self.message(text), timeout=10)


def expect(holds, what, answer):
    if not holds:
        sys.exit(f"expected {what}; the answer was:\n{answer}")


def refusal(call):
    """The refusal of a call, as google.rpc has it: the code, and the details by their type."""
    try:
        answer = call()
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        expect(status is not None, "google.rpc.Status in the trailers", error)
        details = {}
        for packed in status.details:
            for kind in (error_details_pb2.BadRequest, error_details_pb2.ErrorInfo, error_details_pb2.RetryInfo):
                if packed.Is(kind.DESCRIPTOR):
                    details[kind.DESCRIPTOR.name] = kind()
                    packed.Unpack(details[kind.DESCRIPTOR.name])
        return error.code(), details, status
    sys.exit(f"expected a refusal; the answer was:\n{answer}")


def converse(bot, tickets):
    asked = bot.say("one of the printers has a problem")
    expect(asked.expecting == pb.EXPECTING_FIELD and asked.choices, "a question with choices", asked)
    expect(not asked.HasField("ticket"), "no ticket yet", asked)

    answer = bot.say(next(it.value for it in asked.choices if "jam" in it.value))
    if answer.expecting == pb.EXPECTING_FIELD:
        answer = bot.say("room 2.14")
    if answer.expecting == pb.EXPECTING_CONFIRMATION:
        answer = bot.say("yes")
    expect(answer.ticket.number.startswith("INC-"), "an opened incident", answer)
    number, identity = answer.ticket.number, answer.ticket.id
    expect(answer.ticket.template == "printer_fault", "the printer template", answer)

    answer = bot.say(f"how is {number} going?")
    expect(number in answer.text and answer.ticket.id == identity, "the state of the ticket", answer)

    bot.say(f"please add to {number}: the red lamp is on")
    ticket = tickets.GetTicket(ticket_pb2.GetTicketRequest(ticket=identity), timeout=10).ticket
    expect(ticket.comments == 1, "one comment", ticket)

    answer = bot.say(f"it works again, please close {number}")
    if answer.expecting == pb.EXPECTING_CONFIRMATION or answer.expecting == pb.EXPECTING_TICKET:
        answer = bot.say("yes")
    expect(answer.ticket.state in (types_pb2.TICKET_STATE_RESOLVED, types_pb2.TICKET_STATE_CLOSED), "an end", answer)

    request = ticket_pb2.ListTicketEventsRequest(ticket=number)
    events = tickets.ListTicketEvents(request, timeout=10).events
    expect(len(events) >= 3, "a history of opening, comment and end", events)


def misbehave(bot, tickets):
    bad = pb.SendMessageRequest(message_id="", conversation="", text="a\0b", language=9)
    code, details, status = refusal(lambda: bot.desk.SendMessage(bad, timeout=10))
    expect(code == grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", status)
    fields = [it.field for it in details["BadRequest"].field_violations]
    expect(fields == ["message_id", "conversation", "requester", "text", "language"], "every bad field", status)
    expect(details["ErrorInfo"].domain == "dispatch", "the domain", status)

    edited = bot.message("hello")
    bot.desk.SendMessage(edited, timeout=10)
    edited.text = "hello there"
    code, details, status = refusal(lambda: bot.desk.SendMessage(edited, timeout=10))
    expect(code == grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS", status)
    expect(details["ErrorInfo"].metadata["request_id"] == edited.message_id, "the id that was reused", status)

    unknown = ticket_pb2.GetTicketRequest(ticket="INC-999999")
    code, details, status = refusal(lambda: tickets.GetTicket(unknown, timeout=10))
    expect(code == grpc.StatusCode.NOT_FOUND, "NOT_FOUND", status)


def main():
    with grpc.insecure_channel(sys.argv[1]) as channel:
        bot, tickets = Bot(channel), ticket_pb2_grpc.TicketServiceStub(channel)
        converse(bot, tickets)
        misbehave(bot, tickets)


main()
