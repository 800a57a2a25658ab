"""The tree of resources: paths, duplicates, moves, subtrees, pages and embedding."""

from common import Suite, main, replace, without_metadata


class Resources(Suite):
    def setUp(self):
        self.id, self.root = self.api()

    def made(self, parent, part):
        return self.client.create_resource(restApiId=self.id, parentId=parent, pathPart=part)["id"]

    def paths(self):
        pages = self.client.get_paginator("get_resources").paginate(restApiId=self.id)
        return sorted(item["path"] for page in pages for item in page["items"])

    def test_paths_follow_their_parents(self):
        pets = self.made(self.root, "pets")
        pet = self.made(pets, "{id}")
        self.made(pet, "toys")
        self.made(self.root, "{proxy+}")
        self.assertEqual(["/", "/pets", "/pets/{id}", "/pets/{id}/toys", "/{proxy+}"], self.paths())
        self.client.update_resource(
            restApiId=self.id, resourceId=pets, patchOperations=[replace("/pathPart", "animals")]
        )
        expected = ["/", "/animals", "/animals/{id}", "/animals/{id}/toys", "/{proxy+}"]
        self.assertEqual(expected, self.paths())
        cats = self.made(self.root, "cats")
        moved = self.client.update_resource(
            restApiId=self.id, resourceId=pet, patchOperations=[replace("/parentId", cats)]
        )
        self.assertEqual(("/cats/{id}", cats), (moved["path"], moved["parentId"]))
        self.assertIn("/cats/{id}/toys", self.paths())

    def test_deleting_a_resource_deletes_what_is_below(self):
        pets = self.made(self.root, "pets")
        pet = self.made(pets, "{id}")
        toys = self.made(pet, "toys")
        self.made(self.root, "petshop")
        self.mock(self.id, toys, "x")
        self.client.delete_resource(restApiId=self.id, resourceId=pets)
        self.assertEqual(["/", "/petshop"], self.paths())
        for gone in (pets, pet, toys):
            with self.refused("NotFoundException", 404, "Invalid Resource identifier specified"):
                self.client.get_resource(restApiId=self.id, resourceId=gone)
        with self.refused("NotFoundException", 404):
            self.client.get_method(restApiId=self.id, resourceId=toys, httpMethod="GET")

    def test_refusals(self):
        pets = self.made(self.root, "pets")
        pet = self.made(pets, "{id}")
        with self.refused(
            "ConflictException", 409, "Another resource with the same parent already has this name: pets"
        ):
            self.made(self.root, "pets")
        for part in ["a/b", "{", "{id", "a b", "", "{a}{b}", "x?y"]:
            with self.subTest(part), self.refused("BadRequestException", 400):
                self.made(self.root, part)
        with self.subTest("two variables side by side"), self.refused("BadRequestException", 400):
            self.made(pets, "{other}")
        with self.subTest("the root"), self.refused("BadRequestException", 400):
            self.client.delete_resource(restApiId=self.id, resourceId=self.root)
        with self.subTest("a circle"), self.refused("BadRequestException", 400):
            self.client.update_resource(restApiId=self.id, resourceId=pets, patchOperations=[replace("/parentId", pet)])
        with self.subTest("no parent"), self.refused("NotFoundException", 404):
            self.made("nothere", "x")
        self.assertEqual(["/", "/pets", "/pets/{id}"], self.paths())

    def test_another_apis_resource_is_no_parent(self):
        other, root = self.api("other")
        with self.refused("NotFoundException", 404, "Invalid Resource identifier specified"):
            self.client.create_resource(restApiId=self.id, parentId=root, pathPart="x")
        with self.refused("NotFoundException", 404, "Invalid Resource identifier specified"):
            self.client.get_resource(restApiId=other, resourceId=self.root)

    def test_pages(self):
        for number in range(60):
            self.made(self.root, f"r{number}")
        first = self.client.get_resources(restApiId=self.id)
        self.assertEqual(25, len(first["items"]))
        self.assertEqual(61, len(self.paths()))
        self.assertEqual(61, len(set(self.paths())))
        everything = self.client.get_resources(restApiId=self.id, limit=500)
        self.assertEqual(61, len(everything["items"]))
        self.assertNotIn("position", everything)
        self.assertEqual(1, len(self.client.get_resources(restApiId=self.id, limit=1)["items"]))
        with self.refused("BadRequestException", 400):
            self.client.get_resources(restApiId=self.id, position="nonsense!")

    def test_methods_are_embedded_where_it_is_asked_for(self):
        self.mock(self.id, self.root, "x")
        plain = self.client.get_resource(restApiId=self.id, resourceId=self.root)
        self.assertEqual({"GET": {}}, plain["resourceMethods"])
        whole = self.client.get_resource(restApiId=self.id, resourceId=self.root, embed=["methods"])
        method = self.client.get_method(restApiId=self.id, resourceId=self.root, httpMethod="GET")
        self.assertEqual({"GET": without_metadata(method)}, whole["resourceMethods"])
        listed = self.client.get_resources(restApiId=self.id, embed=["methods"])["items"]
        self.assertEqual(whole["resourceMethods"], listed[0]["resourceMethods"])


if __name__ == "__main__":
    main()
