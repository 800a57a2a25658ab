"""Round trips: what was written comes back, whole, after a creation and after each patch."""

from common import Suite, without_metadata


class RoundTrip(Suite):
    def created(self, operation, arguments, get, shown=None, without=(), settles=()):
        """Creates something with every member that the service's description has for it, and gets it.

        `shown` is what some members come back as (None: not at all), `without` are members that are not sent, and
        `settles` are those that say how far it is.
        """
        name = self.client.meta.method_to_api_mapping[operation]
        members = set(self.client.meta.service_model.operation_model(name).input_shape.members)
        self.assertEqual(set(), members - set(arguments) - set(without), f"{name} is sent every member")
        answer = without_metadata(getattr(self.client, operation)(**arguments))
        found = get(answer)
        settled = {member: found.get(member) for member in settles}
        self.assertEqual({**answer, **settled}, found, f"{name} answers what is there")
        in_path = {
            member
            for member, shape in self.client.meta.service_model.operation_model(name).input_shape.members.items()
            if shape.serialization.get("location") == "uri"
        }
        expected = {member: value for member, value in arguments.items() if member not in in_path}
        expected.update(shown or {})
        for member, value in expected.items():
            self.assertEqual(value, found.get(member), f"{name}: {member}")
        return answer

    def patched(self, update, get, patches):
        """Applies patches one by one. Each is operations (of `(op, path, value)`), and what members become by them; all
        others stay as they were."""
        for operations, changes in patches:
            with self.subTest(str(operations)):
                before = get()
                patch = [
                    {name: text for name, text in zip(("op", "path", "value"), operation) if text is not None}
                    for operation in operations
                ]
                answer = without_metadata(update(patch))
                after = get()
                expected = {**before, **changes}
                expected = {name: value for name, value in expected.items() if value is not None}
                self.assertEqual(dated(expected), dated(after))
                self.assertEqual(dated(answer), dated(after), "the answer is what is there")


def dated(document):
    """Without what every update changes."""
    return {name: value for name, value in document.items() if name != "lastUpdatedDate"}


def one(op, path, value=None, /, **changes):
    """A patch of one operation, and what becomes of it."""
    return [(op, path, value)], changes


def entry(member, kept, key, first, second):
    """An entry beside those of a map that are kept: it comes, changes and goes."""
    path = f"/{member}/{key.replace('/', '~1')}"
    return [
        one("add", path, first, **{member: {**kept, key: first}}),
        one("replace", path, second, **{member: {**kept, key: second}}),
        one("remove", path, **{member: kept}),
    ]
