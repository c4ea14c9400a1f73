var a0 = { x: 1 }
var a1 = {
  k0: a0
  k1: a0
  k2: a0
  k3: a0
  k4: a0
  k5: a0
  k6: a0
  k7: a0
  k8: a0
  k9: a0
}
var a2 = {
  k0: a1
  k1: a1
  k2: a1
  k3: a1
  k4: a1
  k5: a1
  k6: a1
  k7: a1
  k8: a1
  k9: a1
}
var a3 = {
  k0: a2
  k1: a2
  k2: a2
  k3: a2
  k4: a2
  k5: a2
  k6: a2
  k7: a2
  k8: a2
  k9: a2
}
var a4 = {
  k0: a3
  k1: a3
  k2: a3
  k3: a3
  k4: a3
  k5: a3
  k6: a3
  k7: a3
  k8: a3
  k9: a3
}
var a5 = {
  k0: a4
  k1: a4
  k2: a4
  k3: a4
  k4: a4
  k5: a4
  k6: a4
  k7: a4
  k8: a4
  k9: a4
}
var a6 = {
  k0: a5
  k1: a5
  k2: a5
  k3: a5
  k4: a5
  k5: a5
  k6: a5
  k7: a5
  k8: a5
  k9: a5
}
var a7 = {
  k0: a6
  k1: a6
  k2: a6
  k3: a6
  k4: a6
  k5: a6
  k6: a6
  k7: a6
  k8: a6
  k9: a6
}
var a8 = {
  k0: a7
  k1: a7
  k2: a7
  k3: a7
  k4: a7
  k5: a7
  k6: a7
  k7: a7
  k8: a7
  k9: a7
}
resource a 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'a'
  displayName: 'a'
  tags: a8
}
