"""What Azure, Azure AD Graph, Defender, Intune and Azure DevOps offer. See ``rules.knowledge.permissions`` for the form."""

from typing import Final

ROWS: Final = """\
00000002-0000-0000-c000-000000000000 Role
1cda74f2-2616-4834-b122-5cb1b07f8a59 Application.ReadWrite.All other public
824c81eb-e3f8-4ee6-8f6d-de7f50d565b7 Application.ReadWrite.OwnedBy other public
1138cb37-bd11-4084-a2b7-9f71582aeddb Device.ReadWrite.All other public
5778995a-e1bf-45b8-affa-663a9f3f4d04 Directory.Read.All other public
78c8a3c8-a07e-4b9e-af1b-b5ccab50a175 Directory.ReadWrite.All other public
aaff0dfd-0295-48b6-a5cc-9f465bc87928 Domain.ReadWrite.All other public
abefe9df-d5a9-41c6-a60b-27b38eac3efb Domain.ReadWrite.All other public
9728c0c4-a06b-4e0e-8d1b-3d694e8ec207 Member.Read.Hidden other public

00000002-0000-0000-c000-000000000000 Scope
a42657d6-7f20-40e3-b6f0-cee03008a62a Directory.AccessAsUser.All other public
5778995a-e1bf-45b8-affa-663a9f3f4d04 Directory.Read.All other public
78c8a3c8-a07e-4b9e-af1b-b5ccab50a175 Directory.ReadWrite.All other public
6234d376-f627-4f0f-90e0-dff25c5211a3 Group.Read.All other public
970d6fa6-214a-4a9b-8513-08fad511e2fd Group.ReadWrite.All other public
2d05a661-f651-4d57-a595-489c91eda336 Member.Read.Hidden other public
311a71cc-e848-46a1-bdf8-97ff7156d8e6 User.Read other public
c582532d-9d9e-43bd-a97c-2667a28ce295 User.Read.All other public
cba73afc-7f69-4d86-8450-4978e04ecd1a User.ReadBasic.All other public

797f4846-ba00-4fd7-ba43-dac1f8f63013 Scope
41094075-9dad-400e-a0bd-54e686782033 user_impersonation whole public

cfa8b339-82a2-471a-a3c9-0fc0be7a4093 Scope
f53da476-18e3-4152-8e01-aec403e6edc0 user_impersonation whole public

e406a681-f3d4-42a8-90b6-c2b029497af1 Scope
03e0da56-190b-40ad-a80c-ea378c433f7f user_impersonation whole public

022907d3-0f1b-48f7-badc-1ba6abab6d66 Role
efe4d732-bfbb-4617-8a77-349a9d67c720 app_impersonation other public

022907d3-0f1b-48f7-badc-1ba6abab6d66 Scope
c39ef2d1-04ce-46dc-8b5f-e9a5c60f0fc9 user_impersonation whole public

2ff814a6-3304-4ab8-85cb-cd0e6f879c1d Scope
739272be-e143-11e8-9f32-f2801f1b9fd1 user_impersonation whole public

ca7f3f0b-7d91-482c-8e09-c5d840d0eac5 Role
e8f6e161-84d0-4cd7-9441-2d46ec9ec3d5 Data.Read other public

499b84ac-1321-427f-aa17-267ca6975798 Scope
ee69721e-6c3a-468f-a9ec-302d16a4c599 user_impersonation whole public

c161e42e-d4df-4a3d-9b42-e7a3c31f59d4 Role
3d9dc976-32fb-45a8-90bd-c9f8a850d098 get_data_warehouse other public
7ec88bad-30c7-4928-a005-4455362cfd98 get_device_compliance other public
3857e233-c379-404e-85e9-bdbf3a62b28f manage_partner_compliance_policy other public  tells which devices are trusted; opens nothing by itself
907d16c7-7591-49a4-b523-6fd42e5f2c7e pfx_cert_provider other public
39d724e8-6a34-4930-9a36-364082c35716 scep_challenge_provider other public
7828b294-fdcc-4ed6-a45a-854364afb21d send_data_usage other public
7b3c62c0-bbe4-4ceb-971b-ecc50a191b3e update_device_attributes other public
a5438881-186a-48f0-bc41-a93ae8a195fe update_device_health other public

fc780465-2017-40d4-a0c5-307022471b92 Role
93489bf5-0fbc-4f2d-b901-33f2fe08ff05 AdvancedQuery.Read.All data public
71fe6b80-7034-4028-9ed8-0f316df9c3ff Alert.Read.All other public
0f7000ec-157b-497f-b70e-ef0b0584f140 Alert.ReadWrite.All other public
8788f1a9-beca-4e26-ba58-10513f3b896f File.Read.All other public
47bf842d-354b-49ef-b741-3a6dd815bc13 Ip.Read.All other public
15405ab2-2103-4a3c-ad80-e829841cedcc Machine.CollectForensics data public
7e4e1300-e1b9-4102-88ba-f0cb6e6d5974 Machine.Isolate other public
1629b959-c0af-42a1-92f0-f6162060bdf1 Machine.LiveResponse tenant public  runs commands on every device, those of administrators too
ea8291d3-4b9a-44b5-bc3a-6cea3026dc79 Machine.Read.All other public
aa027352-232b-4ed4-b963-a705fc4d6d2c Machine.ReadWrite.All other public
96b6b35d-074d-4e2d-b167-8d68d9269648 Machine.RestrictExecution other public
a86d9824-b2b6-45f8-b042-16bc4922ed4e Machine.Scan other public
96e72b5e-7e68-4171-aad1-3937599e4751 Machine.StopAndQuarantine other public
6a33eedf-ba73-4e5a-821b-f057ef63853a RemediationTasks.Read.All other public
02b005dd-f804-43b4-8fc7-078460413f74 Score.Read.All other public
e870c0c1-c1a2-41ca-948e-a33912d2d3f0 SecurityBaselinesAssessment.Read.All other public
6443965c-7dd2-4cfd-b38f-bb7772bee163 SecurityRecommendation.Read.All other public
37f71c98-d198-41ae-964d-2c49aab74926 Software.Read.All other public
41269fc5-d04d-4bfd-bce7-43a51cea049a Vulnerability.Read.All other public

8ee8fdad-f234-4243-8f3b-15c294843740 Role
7734e8e5-8dde-42fc-b5ae-6eafea078693 AdvancedHunting.Read.All data public
a7deff90-e2f5-4e4e-83a3-2c74e7002e28 CustomDetections.ReadWrite.All other public
a9790345-4595-42e4-971a-ccdc79f19b7c Incident.Read.All other public
8d90f441-09cf-4fdc-ab45-e874fa3a28e8 Incident.ReadWrite.All other public
"""
